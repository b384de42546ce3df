// Sends the one form of a page as JSON, with the token of the link that led here.

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
// Out of sight, and out of the history.
history.replaceState(null, "", location.pathname);

// Another link that is pasted into the same tab changes no more than what stands behind the `#`.
addEventListener("hashchange", () => location.reload());

const form = document.querySelector("form");
const button = form.querySelector("button");
const told = document.getElementById("told");

async function send() {
  const fields = Object.fromEntries(new FormData(form));
  fields[form.dataset.token] = token;
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify(fields),
  });
  if (answer.ok) {
    form.remove();
    return told.dataset.done;
  }
  const problem = await answer.json();
  return problem.detail;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    told.textContent = await send();
  } catch {
    told.textContent = "The server cannot be reached; try again in a while.";
  }
  button.disabled = false;
});

if (token === "") {
  told.textContent = "The link is not whole: copy all of it from the mail.";
} else {
  button.disabled = false;
}
