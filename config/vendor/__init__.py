"""Browser libraries: which files of which npm packages the site serves, and how they are made ready for it."""
