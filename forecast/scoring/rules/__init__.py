"""House scores: how other sites would score the same paths, one file a house.

Their known quirks are not copied; each file says which.
"""
