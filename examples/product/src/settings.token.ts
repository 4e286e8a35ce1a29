/** By this token Nest hands the settings to whoever asks for them. */
export const SETTINGS = Symbol('settings');
