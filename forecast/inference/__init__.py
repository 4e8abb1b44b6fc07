"""From an ordinary `pm.Model` to a posterior that says whether it may be published.

The room knows PyMC models and keys given as strings, nothing of questions.
"""
