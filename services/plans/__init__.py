"""What is published and launched: versions, units and sectors of a plan, its stages and its working calendar."""
