"""The composition root: one process each for cti, api and worker, and ``run`` for all of them."""
