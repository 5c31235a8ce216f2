/**
 * The script that a worker of the page is started with. All its work is elsewhere: code that is loaded later imports parts
 * of the worker's code, and WebKit would run the script that a worker was started with a second time for that.
 */
import './worker_main.js';
