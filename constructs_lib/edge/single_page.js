// The single-page fallback: a path that names no file is a page of the application, which index.html draws.
// Error responses of the distribution could do this as well, but they would also turn the API's 403 and 404 into
// pages, because they apply to all of its origins.
function handler(event) {
  const request = event.request;
  const isFile = /\.[A-Za-z0-9]+$/.test(request.uri);
  // Files of well-known names have no extension (RFC 8615).
  const isWellKnown = request.uri.startsWith('/.well-known/');
  if (!isFile && !isWellKnown) {
    request.uri = '/index.html';
  }
  return request;
}
