"""What the pages are made of: one room a page, and those that pages share.

The shared rooms from the lowest, each importing only from those before it: ``text``, ``serving``,
``address``, ``session``, ``widgets``, ``frame``, ``weights``, ``measured``, ``imported``. No page's
room enters another page's.
"""
