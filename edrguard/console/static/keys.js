// Asks the browser for a security key (WebAuthn Level 3) and sends its answer as a form. One of the console's two scripts.
"use strict";
(() => {
  const form = document.querySelector("form[data-options]");
  if (!form) return;
  const button = form.querySelector("button"), said = form.querySelector("[role=status]");
  const octets = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = buffer => buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
    : null;

  if (!window.PublicKeyCredential) {
    said.textContent = "This browser knows no security keys, or the console is not reached over HTTPS.";
    return;
  }
  said.textContent = "";
  button.hidden = false;

  const ask = async () => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = octets(options.challenge);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      for (const key of options[list] || []) key.id = octets(key.id);
    }
    if (options.user) {
      options.user.id = octets(options.user.id);
      return navigator.credentials.create({ publicKey: options });
    }
    return navigator.credentials.get({ publicKey: options });
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "Use your key now: touch it, or follow what your browser asks.";
    try {
      const key = await ask(), r = key.response;
      const response = r.attestationObject
        ? { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject) }
        : { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData),
            signature: text(r.signature), userHandle: text(r.userHandle) };
      form.elements.answer.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
      form.submit();
    } catch (error) {
      button.disabled = false;
      said.textContent = error.name === "InvalidStateError"
        ? "This key is set up already."
        : "No key answered. Try again, or go back.";
    }
  });
})();
