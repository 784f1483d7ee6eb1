/** Saves a text as a file of the person's computer. */
export const saveFile = (name: string, type: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun, and keeps what it needs.
  URL.revokeObjectURL(url);
};
