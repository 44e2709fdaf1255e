"""Acts as a camera network: draws or takes photographs, signs them as a camera would, pushes them over HTTP."""
