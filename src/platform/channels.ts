/** Named channels, to which tools listen that know the program only from outside. */
export { type Channel, channel } from 'node:diagnostics_channel';
