"""Process instances at run time: started, advanced, timed, raised, repaired; jobs and what is due."""
