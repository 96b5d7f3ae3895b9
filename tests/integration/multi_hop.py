"""A small collection, and a question that takes two searches of it."""

TEXTS = {
    "Frankenstein": "Frankenstein is a novel by Mary Shelley. It came out in 1818.",
    "Mary Shelley": "Mary Shelley was born in London to William Godwin.",
    "William Godwin": "William Godwin was a philosopher who was born in Wisbech.",
    "Wisbech": "Wisbech is a town in Cambridgeshire on the River Nene.",
    "London": "London is the capital of England.",
    "Dracula": "Dracula is a novel by Bram Stoker. It came out in 1897.",
    "Bram Stoker": "Bram Stoker was born in Dublin and wrote novels.",
    "Dublin": "Dublin is the capital of Ireland.",
}
QUESTION = "Where was the woman born who wrote the novel Frankenstein?"
