"""What the pages share: state, address, controls, jobs, texts. No maths and no widgets of their own."""
