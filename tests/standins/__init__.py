"""Stand-ins for the clouds, over real HTTP: they check signatures and limits, and misbehave when told to."""
