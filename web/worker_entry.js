/**
 * What a worker of the page is started with. All it does is elsewhere: a piece of code that comes later imports what this
 * page of code has, too, and WebKit would run the very script that a worker was started with a second time for that.
 */
import './worker_main.js';
