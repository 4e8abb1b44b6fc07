"""Scores, calibration and their uncertainty: pure mathematics, arrays in, arrays out.

The room knows nothing of questions, files or records. `paths`, `rules` and `aggregate` need only
the standard library; the others import NumPy, and SciPy inside the few functions that need it.
Import the modules one by one, so that a light command pays only for what it uses.

==============  ==================================================================================
`scores`        one forecast, one number: Brier, ordered categories, logarithmic, spherical, skill
`crps`          forecasts of a quantity: samples, quantiles, parametric distributions
`paths`         a forecaster's standing forecast over a question's whole open period
`readings`      a path of scores read as one number: the headline, and what may be asked instead
`rules`         the house scores of Metaculus, Good Judgment Open, Fatebook and others
`corp`          reliability by isotonic regression, its decomposition and consistency band
`calibration`   over- and under-confidence, calibration tests, discrimination
`uncertainty`   intervals over clusters of questions, paired comparisons, power
`many`          scores and paths for millions of forecasts at once
`aggregate`     several probabilities into one
`crowds`        several forecasters' paths into a virtual one's
`learned`       a pool recalibrated by what was answered, as a PyMC model
`recalibration` what saying something else would have brought, on questions left out
`bins`          the older, binned readings of calibration: Murphy, expected calibration error
`student`       Student's t without SciPy
==============  ==================================================================================
"""
