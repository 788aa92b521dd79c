/** A task module that ends the worker while it starts. */
process.exit(52);
