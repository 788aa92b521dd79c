/** A task module that exits while the worker starts. */
process.exit(52);
