// All inline: see cpu_features.h.
