"""Where: layers in, one checked `Territory` out."""
