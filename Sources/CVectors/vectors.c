// The primitives are all inline: see vectors.h.
