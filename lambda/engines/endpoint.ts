/** How an endpoint is named: by method and templated path, of which a script has only so many. */

/** The path of a URL with its templates, without target and query string. */
export function pathOf(url: string, target: string): string {
  const path = (url.startsWith(target) ? url.slice(target.length) : url).split(/[?#]/)[0] as string
  return path === '' ? '/' : path
}
