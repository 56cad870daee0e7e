"""What `make` runs first, with the machine's own Python: installs what is missing, then gets out of the way.

Standard library only, no syntax newer than Python 3.8 (so that an old Python can say that it is too old). Starts none
of Lianxin's services. Each step leaves a stamp; a second run finds nothing to do in well under a second.
"""
