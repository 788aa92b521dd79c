/** The file of a worker that imports the module of the option `tasks`. */
import { loadModule } from '#platform/load-module';
import { serve } from './port-host.js';

serve(loadModule);
