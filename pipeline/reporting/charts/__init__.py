"""Forms that several pages draw in; each takes plain values and returns a sheet."""
