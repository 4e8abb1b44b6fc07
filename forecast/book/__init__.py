"""The book: the user's files read into checked values, and values spliced back into them."""
