/** Limits of the admin calls: no call is without one. */

/** Most names, pairs or series in one call. */
export const ADMIN_PAGE = 1000;
/** Most points in one call; longer archives cross in several. */
export const ADMIN_POINTS = 200_000;
/** Most bytes of a request: the points of one call, and names around them. */
export const ADMIN_BODY_BYTES = 8 * 2 ** 20;
/** Longest name in a request, bytes. */
export const ADMIN_NAME_BYTES = 65_536;
/** Most bytes of a note, and of its key. */
export const NOTE_BYTES_MAX = 4096;
export const NOTE_KEY_BYTES_MAX = 256;
