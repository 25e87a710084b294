"""What `make` needs on a fresh machine, made when it is missing. Standard library only: nothing else is there yet."""
