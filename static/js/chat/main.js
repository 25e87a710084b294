/** Entry of the chat page. */

import "chat/app.js"
