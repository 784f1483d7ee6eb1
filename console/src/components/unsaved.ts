import { type FormEvent, useState } from "react";

const CHOICES = ["checkbox", "radio"];
/** Ticking a box again is no loss. */
const isText = ({ target }: FormEvent): boolean =>
  !(target instanceof HTMLInputElement && CHOICES.includes(target.type));

/**
 * Keeps what somebody has written in a dialog: once any text in it has changed, a key or a click beside the dialog no longer closes it. The
 * buttons do. Spread `guard` on the dialog, and `watch` on the element around its fields.
 */
export const useUnsaved = () => {
  const [isEdited, setIsEdited] = useState(false);
  return {
    guard: { closeOnEscape: !isEdited, closeOnClickOutside: !isEdited },
    // Editors are no fields of a form, but fire the event too.
    watch: { onInput: (event: FormEvent) => setIsEdited((edited) => edited || isText(event)) },
  };
};
