/** A task module that throws when it is imported. */
throw new Error('no luck at import');
