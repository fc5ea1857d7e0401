"""The parts that screens are made of; each carries its own style."""
