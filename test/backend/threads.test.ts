import { threadsBackend } from '../../src/backend/tinypool/threads.js';
import { describeBackend } from './describe-backend.js';

describeBackend('threads', threadsBackend);
