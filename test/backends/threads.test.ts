import { threadsBackend } from '../../src/backends/threads/backend.js';
import { describeBackend } from './describe-backend.js';

describeBackend('threads', threadsBackend);
