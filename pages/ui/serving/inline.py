"""Scripts that pages put into the document: the policy knows each by its hash and runs no other."""

SCROLL_TO_WHY = """
(() => {
  const why = document.querySelector('.st-key-why');
  const top = why?.getBoundingClientRect().top;
  if (top < 0 || top > innerHeight / 2) why.scrollIntoView({behavior: 'smooth', block: 'start'});
})();
"""
"""Brings the explanation into sight when an item has been chosen."""

SCRIPTS = (SCROLL_TO_WHY,)
