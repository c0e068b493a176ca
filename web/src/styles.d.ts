// Styles are read by the build; to the compiler they are nothing.
declare module "*.css";
