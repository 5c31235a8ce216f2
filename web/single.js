/** The page as one script with its styles, for the page that is one file. */
import './styles/index.css';
import './main.jsx';
