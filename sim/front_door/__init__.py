"""What `import spinchip` offers: a function for each main job, with the defaults of the command line."""
