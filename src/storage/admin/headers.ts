/** Headers between a verb and the admin routes of a running server. */

/** A header that no form of a web page can send and no other site may, for want of our leave. */
export const ADMIN_HEADER = 'x-tallyd-admin';
/** The token of the folder's owner, where a verb found the server by its folder. */
export const OWNER_HEADER = 'x-tallyd-owner';
/** The code of a UserError with which a call was rejected. */
export const ADMIN_ERROR_HEADER = 'x-tallyd-error';
