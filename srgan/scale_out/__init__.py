"""The same networks and the same results on Apache Beam: folders and buckets of any size.

`pipeline.py` reads like the way of a picture; each step is a module of its own. Beam is imported
here and nowhere else in the program.
"""
