"""Sound Forge Alchemy: a self-hosted studio."""
