/** JSON requests to this site. Refusals become HttpError with the server's code and sentence. */

export class HttpError extends Error {
  constructor(status, { code = "failed", detail = "The server couldn't do that. Try again." } = {}) {
    super(detail)
    this.status = status
    this.code = code
  }
}

export function get(url) {
  return request(url, {})
}

export function post(url, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() }
  return request(url, { method: "POST", headers, body: JSON.stringify(body) })
}

async function request(url, options) {
  let response
  try {
    response = await fetch(url, { credentials: "same-origin", ...options })
  } catch {
    throw new HttpError(0, { code: "offline", detail: "The server can't be reached. Check the connection and try again." })
  }
  const answer = await response.json().catch(() => null)
  if (!response.ok) throw new HttpError(response.status, answer ?? undefined)
  return answer
}

function csrfToken() {
  return document.cookie.match(/(?:^|;\s*)parley_csrf=([^;]+)/)?.[1] ?? ""
}
