"""The clock side: a process that carries out what is due."""
