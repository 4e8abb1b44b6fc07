"""What a forecaster does, one file a verb; the only place where the rooms below meet."""
