/** A task module that can't be imported. */
throw new Error('no luck at import');
