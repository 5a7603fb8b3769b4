"""The pages that show tracks whole: the library with everything under way, and one track with its stems."""
