let calibrateVerbs: [Verb] = [
  calibrateCameraVerb, calibratePlaneVerb, calibratePointsVerb, calibrateHandEyeVerb,
  calibrateMapVerb,
]
